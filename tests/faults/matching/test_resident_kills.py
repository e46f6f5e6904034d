"""The resident engine ends with its web server, also when that is killed with -9."""

import httpx

from shared.db.database import Database
from shared.security.actor import Role
from tests.conftest import Signing
from tests.faults.matching.conftest import Processes, children_of, kill, parents
from tests.support.matching_runs import mirror_world, run
from tests.support.waiting import wait_for


def test_the_resident_engine_dies_with_its_web_server(
    database: Database, processes: Processes, signing: Signing
) -> None:
    mirror_world(database)
    run_id = run(database).run.id
    web, url = processes.web()
    headers = {"Authorization": f"Bearer {signing.token(Role.REVIEWER)}"}

    def answered() -> bool:
        try:
            path = f"{url}/matching/v1/runs/{run_id}/what-if"
            return httpx.post(path, json={"changes": []}, headers=headers, trust_env=False, timeout=90).is_success
        except httpx.TransportError:
            return False

    wait_for(answered, "the engine's answer")
    engines = children_of(web.pid)
    assert len(engines) == 1
    kill(web)
    wait_for(lambda: not engines & parents().keys(), "the engine's end with its server")
