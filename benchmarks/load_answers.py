"""Load of answers to questionnaires, from a process of its own: everybody changes their first answer again and again.

``python -m benchmarks.load_answers ADDRESS SECONDS``, with people on standard input (``benchmarks.answers.forms``); prints how
many were kept.
"""

import asyncio
import json
import sys
import time
import uuid
from itertools import cycle

import grpc
import uvloop
from mewe.eval.v1 import evaluation_service_pb2 as evaluation
from mewe.eval.v1.evaluation_service_pb2_grpc import EvaluationServiceStub


async def main(address: str, seconds: str, people: list[list[str]]) -> int:
    """The load."""
    until = time.perf_counter() + float(seconds)
    async with grpc.aio.insecure_channel(address) as channel:
        stub = EvaluationServiceStub(channel)

        async def answering(token: str, form_id: str, language: str, wording: str, item: str) -> int:
            count = 0
            for value in cycle(range(5)):
                if time.perf_counter() >= until:
                    break
                request = evaluation.PutAnswersRequest(
                    request_id=uuid.uuid4().hex,
                    form_id=form_id,
                    language=language,
                    wording=wording,
                    answers=[evaluation.Answer(item=item, value=value)],
                )
                kept = await stub.PutAnswers(request, metadata=(("authorization", token),), timeout=10)
                if kept.answered != 1 or kept.refused:
                    raise RuntimeError("an answer was not kept")
                count += 1
            return count

        return sum(await asyncio.gather(*(answering(*one) for one in people)))


if __name__ == "__main__":
    sys.stdout.write(str(uvloop.run(main(sys.argv[1], sys.argv[2], json.load(sys.stdin)))))
