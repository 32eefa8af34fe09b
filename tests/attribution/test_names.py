"""Names as traces write them, and the function's own name in them."""

import pytest

from tracekit.attribution.names import bare_symbol, is_unnamed, own_name, without_block


@pytest.mark.parametrize(
    "written,own",
    [
        ("malloc", "malloc"),
        ("-[MLModel predictionFromFeatures:error:]", "-[MLModel predictionFromFeatures:error:]"),
        ("__53-[A b:]_block_invoke.326", "-[A b:]_block_invoke.326"),
        ("___31+[A factory]_block_invoke", "+[A factory]_block_invoke"),
        ("DYLD-STUB$$objc_retain", "objc_retain"),
        ("invocation function for block in E5RT::Ops::X::ExecuteSync()", "E5RT::Ops::X::ExecuteSync"),
        ("Espresso::net::__forward(int)", "Espresso::net::__forward"),
        ("bool CoreML::vectorize<_Float16, float>(CoreML::M const&)", "CoreML::vectorize"),
        ("f(std::shared_ptr<Espresso::MPSEngine::blob>)", "f"),
        ("Espresso::MPSEngine::blob* g<A<B<C>>>(int)", "g"),
        ("std::function<void (Espresso::net&)>::operator()(Espresso::net&) const", "std::function::operator"),
        ("bool Espresso::operator<<(A, B)", "Espresso::operator"),
        ("Espresso::(anonymous namespace)::f(int)::$_3::operator()() const", "Espresso::(anonymous namespace)::f"),
        ("(anonymous namespace)::reshape(A*)", "(anonymous namespace)::reshape"),
        ("non-virtual thunk to Espresso::A::f()", "Espresso::A::f"),
        ("std::__1::pair<A, B> std::__1::copy[abi:ne190102]<A>(A)", "std::__1::copy"),
        ("static MLModel.load(contentsOf:)", "MLModel.load"),
        ("closure #1 (Swift.Int) -> () in MLTensor.shapedArray(of:)", "MLTensor.shapedArray"),
        ("partial apply forwarder for closure #1 () -> () in MLTensor.f()", "MLTensor.f"),
        ("(2) await resume partial function for InferenceFunction.run(inputs:)", "InferenceFunction.run"),
        ("InferenceFunction.run(inputs:) async throws -> [Swift.String]", "InferenceFunction.run"),
        ("<redacted>", "<redacted>"),
        ("<deduplicated_symbol>", "<deduplicated_symbol>"),
        ("0x1b2d95630", "0x1b2d95630"),
        ("", ""),
        ("operator<", "operator"),
        ("a < b", "b"),
        ("<b>bold</i>", "bold"),
        ("<script>", "<script>"),
        ("(1)", "(1)"),
    ],
)
def test_a_function_s_own_name(written: str, own: str) -> None:
    assert own_name(written) == own


@pytest.mark.parametrize(
    "name,plain",
    [
        ("__53-[A b:]_block_invoke.326", "-[A b:]_block_invoke.326"),
        ("__53_not_a_block", "__53_not_a_block"),
        ("-[A b]", "-[A b]"),
    ],
)
def test_block_decoration_is_taken_off(name: str, plain: str) -> None:
    assert without_block(name) == plain


@pytest.mark.parametrize(
    "name", ["0x1b2d", "<redacted>", "<deduplicated_symbol>", "___lldb_unnamed_symbol241", "???", ""]
)
def test_names_that_were_stripped(name: str) -> None:
    assert is_unnamed(name)


@pytest.mark.parametrize("name", ["0xyz", "redacted", "lldb_unnamed", "??", "main", "f 0x12"])
def test_names_that_were_not(name: str) -> None:
    assert not is_unnamed(name)


@pytest.mark.parametrize(
    "symbol,bare",
    [
        ("Espresso::topk_kernel_cpu::__launch(std::shared_ptr<A> const&, B&)", "Espresso::topk_kernel_cpu::__launch"),
        ("bool CoreML::vectorize<float, _Float16>(X const&)", "CoreML::vectorize<float, _Float16>"),
        ("-[MLModel predictionFromFeatures:error:]", "-[MLModel predictionFromFeatures:error:]"),
        ("__53-[A b:]_block_invoke", "-[A b:]_block_invoke"),
        ("void (anonymous namespace)::run(int)", "(anonymous namespace)::run"),
        ("vDSP_vmul", "vDSP_vmul"),
        ("0x1a87d6160", "0x1a87d6160"),
    ],
)
def test_functions_are_named_without_their_arguments(symbol: str, bare: str) -> None:
    assert bare_symbol(symbol) == bare
