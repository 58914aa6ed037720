"""The bench of stages measures functions of the program as it is."""

from bench.stages import STAGES, function_of


def test_every_stage_is_a_function_of_the_program() -> None:
    functions = [function_of(module, name) for _, _, module, name in STAGES]
    assert len({(f.__code__.co_filename, f.__code__.co_firstlineno) for f in functions}) == len(STAGES)
