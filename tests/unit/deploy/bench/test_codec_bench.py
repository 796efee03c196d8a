from contract.codec import decode, encode
from contract.messages import LedgerBatch
from deploy.bench.codec import run, sample_batch
from deploy.bench.pydantic_twins import Batch


def test_the_benchmark_compares_the_same_message() -> None:
    payload = encode(sample_batch(20))
    assert Batch.model_validate_json(payload).model_dump_json().encode() == payload
    assert len(decode(payload, LedgerBatch).entries) == 20


def test_the_benchmark_prints_figures_for_every_contender() -> None:
    figures = run(entries=10, rounds=1, repeats=1)
    for contender in ("contract", "msgspec", "pydantic"):
        assert figures[contender]["decode_us"] > 0
        assert figures[contender]["encode_us"] > 0
    assert figures["versions"].keys() == {"msgspec", "pydantic"}
