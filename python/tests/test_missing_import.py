"""A protected function whose import is missing: installed into the running interpreter, and called again."""

from __future__ import annotations

import pytest
from conftest import Project

START = """
from self_healing import SelfHealingOrchestrator
healer = SelfHealingOrchestrator()
"""

FORMS = {
    "function": """
@healer.protect
def answer(x, *, y=1):
    import NAME
    return NAME.ANSWER + x + y
print(answer(1, y=2))
""",
    "coroutine": """
import asyncio
@healer.protect
async def answer(x):
    import NAME
    await asyncio.sleep(0)
    return NAME.ANSWER + x
print(asyncio.run(answer(3)))
""",
    "generator": """
@healer.protect
def answers():
    yield 1
    import NAME
    yield NAME.ANSWER
    return 2
def both():
    got = yield from answers()
    yield got
print(sum(both()))
""",
    "asyncgenerator": """
import asyncio
@healer.protect
async def answers():
    import NAME
    yield 3
    yield NAME.ANSWER
async def main():
    return sum([x async for x in answers()])
print(asyncio.run(main()))
""",
    "method": """
class A:
    def __init__(self):
        self.x = 3
    @healer.protect
    def answer(self):
        import NAME
        return NAME.ANSWER + self.x
print(A().answer())
""",
    "classmethod": """
class A:
    x = 3
    @healer.protect
    @classmethod
    def answer(cls):
        import NAME
        return NAME.ANSWER + cls.x
print(A.answer())
""",
    "staticmethod": """
class A:
    @staticmethod
    @healer.protect
    def answer(x):
        import NAME
        return NAME.ANSWER + x
print(A.answer(3))
""",
    "property": """
class A:
    x = 3
    @healer.protect
    @property
    def answer(self):
        import NAME
        return NAME.ANSWER + self.x
print(A().answer)
""",
    "asyncmethod": """
import asyncio
class A:
    x = 3
    @healer.protect
    async def answer(self):
        import NAME
        return NAME.ANSWER + self.x
async def main():
    return await asyncio.gather(*(A().answer() for _ in range(3)))
print(set(asyncio.run(main())).pop())
""",
    "partial": """
import functools
def answer(x, y):
    import NAME
    return NAME.ANSWER + x + y
print(healer.protect(functools.partial(answer, 1))(y=2))
""",
    "process": """
import multiprocessing
@healer.protect
def answer(x):
    import NAME
    return NAME.ANSWER + x
if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.apply(answer, (3,)))
""",
    "forked": """
import multiprocessing
@healer.protect
def answer(x):
    import NAME
    return NAME.ANSWER + x
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(1) as pool:
        print(pool.apply(answer, (3,)))
""",
    "threads": """
from concurrent.futures import ThreadPoolExecutor
@healer.protect
def answer(x):
    import NAME
    return NAME.ANSWER + x
with ThreadPoolExecutor(4) as pool:
    print(set(pool.map(answer, [3, 3, 3, 3])).pop())
""",
    "decorator": """
from self_healing.orchestrator import self_heal
@self_heal
def answer():
    import NAME
    return NAME.ANSWER + 3
print(answer())
""",
    "loop": """
for attempt in healer.attempts():
    with attempt:
        import NAME
        print(NAME.ANSWER + 3)
""",
}


@pytest.mark.parametrize("form", list(FORMS))
def test_a_declared_distribution_is_installed(project: Project, form: str) -> None:
    name = f"dist{form}"
    project.offer(name)
    project.write("requirements.txt", f"{name}==1.0\n")
    done = project.script(START + FORMS[form].replace("NAME", name))
    assert done.stdout == "45\n", done.stderr
    assert "fixed" in done.stderr
    assert project.events() == [
        "error_detected",
        "analysis_complete",
        "fix_generated",
        "fix_applied",
        "fix_validated",
        "healing_complete",
    ]
    first = project.incidents()[0]
    assert first["environment"] == "python"
    assert first["error_type"] == "dependency"
    assert first["file_path"] == str(project.root / "app.py")
    assert name in first["error_message"]
    validated = project.incidents()[4]
    assert validated["validation_result"] == "SUCCESS"
    assert name in validated["fix_description"]


def test_processes_that_fail_at_once_all_go_on(project: Project) -> None:
    project.offer("crowddist")
    project.write("requirements.txt", "crowddist\n")
    done = project.script(
        START
        + """
import multiprocessing
@healer.protect
def answer(x):
    import crowddist
    return crowddist.ANSWER + x
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(3) as pool:
        print(pool.map(answer, [1, 2, 3], chunksize=1))
"""
    )
    assert done.stdout == "[43, 44, 45]\n", done.stderr


def test_what_nobody_declared_is_not_installed(project: Project) -> None:
    project.offer("strangerdist")
    done = project.script(START + FORMS["function"].replace("NAME", "strangerdist"), expect=1)
    assert "ModuleNotFoundError: No module named 'strangerdist'" in done.stderr
    assert "fix_applied" not in project.events()
    project.run("-c", "import strangerdist", expect=1)


def test_an_error_of_the_second_call_is_healed_too(project: Project) -> None:
    project.offer("firstdist", "seconddist")
    project.write("requirements.txt", "firstdist\nseconddist\n")
    done = project.script(
        START
        + """
@healer.protect
def answer():
    import firstdist
    import seconddist
    return firstdist.ANSWER + seconddist.ANSWER
print(answer())
"""
    )
    assert done.stdout == "84\n"


def test_dry_run_changes_nothing(project: Project) -> None:
    project.offer("drydist")
    project.write("requirements.txt", "drydist\n")
    done = project.script(
        """
from self_healing import SelfHealingConfig, SelfHealingOrchestrator
config = SelfHealingConfig()
config.safety.dry_run = True
healer = SelfHealingOrchestrator(config=config)
@healer.protect
def answer():
    import drydist
answer()
""",
        expect=1,
    )
    assert "dry run" in done.stderr
    assert not (project.root / "self_healing_logs").exists()
    project.run("-c", "import drydist", expect=1)
