"""An ML Program as the text that a compiled model holds: from coremltools' message, for tests of reading it."""

from typing import Any

from tests.mlmodel.reference import program_operations, type_text


def mil_text(spec: Any, *, verbose: bool = False) -> str:
    """The program as text; ``verbose`` as older compilers write it, with a tensor's type around every text."""
    lines = ["program(1.3)", '[buildInfo = dict<string, string>({{"coremlc-version", "3505.4.1"}})]', "{"]
    for name, function in sorted(spec.mlProgram.functions.items()):
        inputs = ", ".join(f"{_type(each.type)} {each.name}" for each in function.inputs)
        lines.append(f"    func {name}<ios18>({inputs}) {{")
        block = function.block_specializations[function.opset]
        lines += [f"            {_statement(each, verbose)};" for each in block.operations]
        lines.append(f"        }} -> ({', '.join(block.outputs)});")
    return "\n".join([*lines, "}", ""])


def _statement(operation: Any, verbose: bool) -> str:
    made = ", ".join(f"{_type(each.type)} {each.name}" for each in operation.outputs)
    reads = ", ".join(f"{name} = {_reads(value)}" for name, value in operation.inputs.items())
    attributes = ", ".join(f"{name} = {_value(value, verbose)}" for name, value in operation.attributes.items())
    return f"{made}{' = ' * bool(made)}{operation.type}({reads})[{attributes}]"


def _reads(argument: Any) -> str:
    names = [each.name for each in argument.arguments]
    return names[0] if len(names) == 1 else f"({', '.join(names)})"


def _value(value: Any, verbose: bool) -> str:
    kind = _type(value.type)
    text = "tensor<string, []>" if verbose else "string"
    if value.WhichOneof("value") == "blobFileValue":
        blob = value.blobFileValue
        number = "tensor<uint64, []>" if verbose else "uint64"
        return f'{kind}(BLOBFILE(path = {text}("{blob.fileName}"), offset = {number}({blob.offset})))'
    tensor = value.immediateValue.tensor
    held = getattr(tensor, tensor.WhichOneof("value")).values
    if isinstance(held, bytes):
        return f"{kind}([{', '.join(str(byte) for byte in held)}])"
    if kind.startswith("string") or "string" in kind:
        return f'{text}("{held[0]}")'
    return f"{kind}([{', '.join(str(each).lower() for each in held)}])"


def _type(kind: Any) -> str:
    dtype, _, shape = type_text(kind).partition(" ")
    tensor = f"tensor<{dtype}, {shape}>" if shape != "[]" else dtype
    return f"state<{tensor}>" if kind.WhichOneof("type") == "stateType" else tensor


__all__ = ["mil_text", "program_operations"]
