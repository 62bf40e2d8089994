"""What an answer to a questionnaire costs the server's processor, all of it, against a bare echo over the same face."""

import asyncio
import json
import subprocess
import sys

import grpc
import psutil
from mewe.eval.v1 import evaluation_service_pb2 as evaluation
from mewe.eval.v1.evaluation_service_pb2_grpc import EvaluationServiceStub
from mewe.kit.v1.standing_pb2 import PURPOSE_EVALUATION
from mewe_demo.consent import PURPOSES, guardians_decide

from benchmarks.country import MIX, Country, country
from benchmarks.figures import ROUNDS, Figure, ratio_of
from benchmarks.unary import ceiling
from benchmarks.unary import cost as of_echo
from tests.waiting import until

GROUPS, MEMBERS, SECONDS, MOST = 4, 8, 3.0, 2.0


async def forms(here: Country) -> list[list[str]]:
    """Of everybody: the header that signs their calls, their form, its language, its wording, and its first question.

    A form is there once it was heard who joined.
    """
    found = list[list[str]]()
    async with grpc.aio.insecure_channel(here.grpc) as channel:
        stub = EvaluationServiceStub(channel)
        for token in (one for tokens in here.rooms.values() for one in tokens):
            signed = (("authorization", token),)
            there = list[evaluation.FormToAnswer]()

            async def come(signed: tuple[tuple[str, str]] = signed, there: list[evaluation.FormToAnswer] = there) -> bool:
                listed = await stub.ListForms(evaluation.ListFormsRequest(language="en"), metadata=signed, timeout=10)
                there += listed.forms
                return bool(there)

            await until(come)
            request = evaluation.GetFormRequest(form_id=there[0].form_id, language="en")
            form = await stub.GetForm(request, metadata=signed, timeout=10)
            found.append([token, form.form_id, form.language, form.wording, form.questions[0].item])
    return found


def cost(process: psutil.Process, address: str, people: list[list[str]]) -> float:
    """Milliseconds of the server's processor an answer."""
    before = process.cpu_times()
    command = [sys.executable, "-m", "benchmarks.load_answers", address, str(SECONDS)]
    done = subprocess.run(command, input=json.dumps(people), check=True, capture_output=True, text=True)  # noqa: S603
    after = process.cpu_times()
    return float(after.user + after.system - before.user - before.system) / int(done.stdout) * 1000


async def measure() -> list[Figure]:
    """Over gRPC."""
    mix = f"{MIX}\n{guardians_decide('evaluation')}\n[features.eval]\n"
    ours, bare = list[float](), list[float]()
    async with country(GROUPS, MEMBERS, mix, (*PURPOSES, PURPOSE_EVALUATION)) as here:
        people = await forms(here)
        host = psutil.Process(here.here.pid)
        with ceiling("grpc") as (echo, process):
            for round_ in range(ROUNDS + 1):
                measured = (
                    await asyncio.to_thread(cost, host, here.grpc, people),
                    await asyncio.to_thread(of_echo, process, "grpc", echo),
                )
                if round_:
                    ours.append(measured[0])
                    bare.append(measured[1])
    return [ratio_of("processor an answer to a questionnaire, grpc, against a bare echo", ours, bare, "{:.3f} ms", most=MOST)]
