"""``%load_ext self_healing``: ``%%heal`` for a cell, ``%heal on`` and ``%heal off`` for all of them."""

from __future__ import annotations

from typing import Any, Optional

_healer: Any = None


def _orchestrator() -> Any:
    global _healer
    if _healer is None:
        from .orchestrator import SelfHealingOrchestrator

        _healer = SelfHealingOrchestrator()
    return _healer


def load(ipython: Any) -> None:
    """Registers the magics."""

    def heal(line: str, cell: Optional[str] = None) -> Any:
        """``%%heal`` runs the cell, heals what fails and runs it again; ``%heal on|off`` does so for every cell."""
        if cell is not None:
            run_cell(cell)
        elif line.strip() == "on":
            ipython.set_custom_exc((Exception,), on_exception)
        elif line.strip() == "off":
            ipython.set_custom_exc((), None)
        else:
            print("%heal on | %heal off | %%heal")
        return None

    def run_cell(cell: str) -> None:
        def once() -> None:
            ipython.run_cell(cell, silent=False).raise_error()

        _heal_quietly(once)

    def on_exception(shell: Any, kind: Any, value: Any, tb: Any, tb_offset: Any = None) -> Any:
        session = _orchestrator().heal(value)
        if session.final_result != "applied":
            shell.showtraceback((kind, value, tb), tb_offset=tb_offset)
        return None

    ipython.register_magic_function(heal, "line_cell", "heal")


def _heal_quietly(once: Any) -> None:
    try:
        once()
    except Exception as error:
        # The cell has shown its traceback already.
        _orchestrator().heal(error, once)


def unload(ipython: Any) -> None:
    """Takes the magics away."""
    ipython.magics_manager.magics["line"].pop("heal", None)
    ipython.magics_manager.magics["cell"].pop("heal", None)
    ipython.set_custom_exc((), None)
