"""What `make demo` runs: a city of 3,500 enterprises, two models, a running service, and one question to it."""

import argparse
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

ROOT = Path("var/demo")
DATA, MODELS, TRACKING = ROOT / "city", ROOT / "models", ROOT / "mlflow"
MODEL, FIT = MODELS / "champion", MODELS / "fit" / "champion"
REPORT, FIT_REPORT = ROOT / "evaluation", ROOT / "evaluation-fit"
WHY = "a small invented city, to show the way"
WAIVED, FIT_WAIVED = ("enough", "calibrated", "segments_calibrated", "withholding"), ("calibrated", "banks_calibrated")
"""Gates that few rows may fail by luck; those on leaks, monotonicity and identity cannot be waived."""

KEY, PID, LOG = ROOT / "key", ROOT / "service.pid", ROOT / "service.log"
ENVIRONMENT = {
    "XINPEI_DATABASE_URL": f"sqlite:///{ROOT / 'xinpei.db'}",
    "XINPEI_MODEL_DIR": str(MODEL),
    "XINPEI_MODELS_DIR": str(MODELS),
    "XINPEI_FIT_DIR": str(FIT),
    "XINPEI_ILLUSTRATIVE": "true",
}
"""The demonstration keeps its own store and model, and shows the invented products of fictional banks."""

AS_OF = "2026-11-01"
SIZE = ("--enterprises", "3500", "--months", "54", "--until", "2026-10-31")
CITY = (*SIZE, "--firm-months", "500", "--futures", "200")
ENTERPRISE = "Y1110108XP000001X5"
LONGEST_START, LONGEST_STOP = 60.0, 10.0
"""Seconds."""


def main() -> int:
    """Run the demonstration, or stop the service that it left running."""
    os.environ.update(ENVIRONMENT)
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=3000)
    parser.add_argument("--stop", action="store_true")
    asked = parser.parse_args()
    if asked.stop:
        print("stopped" if stop() else "nothing to stop")
        return 0
    started = time.monotonic()
    stop()
    ROOT.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(TRACKING, ignore_errors=True)  # a champion of the run before could not be beaten by its like
    xinpei("a city 模拟城市", "simulate", *CITY, "--out", str(DATA))
    make_models()
    created = xinpei("a key 密钥", "keys", "create", "--tenant", "demo", "--role", "platform", quiet=True)
    KEY.touch(mode=0o600)
    KEY.write_text(created.split()[-1] + "\n", "utf-8")
    url = f"http://127.0.0.1:{asked.port}"
    serve(asked.port, url)
    question = ("--data", str(DATA), "--enterprise", ENTERPRISE, "--as-of", AS_OF, "--amount", "2000000", "--top", "5")
    xinpei("a question 提问", "score", *question, "--url", url, "--key-file", str(KEY))
    say(f"the service runs on {url} (key in {KEY}); stop it with: make stop   [{time.monotonic() - started:.0f} s]")
    return 0


def make_models() -> None:
    """Train, evaluate and promote both models."""
    learn_from, kept = ("--data", str(DATA), "--tracking", str(TRACKING)), ("--who", "make demo", "--why", WHY)
    truth, recipe = ("--truth", str(DATA / "truth")), ("--features", "all", "--trials", "2")
    xinpei("a model of credit 训练信用模型", "train", "credit", *learn_from, *truth, *recipe)
    xinpei("how good it is 评估模型", "evaluate", *learn_from, *truth, "--out", str(REPORT))
    xinpei("into use 上线", "promote", *kept, *accepting(WAIVED), *learn_from[2:], "--out", str(MODEL))
    fit = ("--model", "fit")
    xinpei("a model of product fit 训练产品匹配模型", "train", "fit", *learn_from)
    xinpei("how good it is 评估模型", "evaluate", *fit, *learn_from, "--out", str(FIT_REPORT))
    xinpei("into use 上线", "promote", *fit, *kept, *accepting(FIT_WAIVED), *learn_from[2:], "--out", str(FIT))


def accepting(gates: Sequence[str]) -> Iterator[str]:
    """Options that accept some gates as failed."""
    for gate in gates:
        yield from ("--accept", gate)


def say(line: str) -> None:
    """A line between the steps."""
    print(f"\n== {line}", flush=True)


def xinpei(title: str, *arguments: str, quiet: bool = False) -> str:
    """Run a sub-command as a person would; its output is shown, or with `quiet` returned."""
    say(f"{title}: xinpei {' '.join(arguments)}")
    done = subprocess.run(
        [sys.executable, "-m", "cli", *arguments], check=False, text=True, stdout=subprocess.PIPE if quiet else None
    )
    if done.returncode:
        sys.exit(done.returncode)
    return done.stdout or ""


def serve(port: int, url: str) -> None:
    """Start the service and wait until it is ready."""
    say(f"the service 启动服务: xinpei serve --port {port}")
    with LOG.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "serve", "--port", str(port)],
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    PID.write_text(str(process.pid), "utf-8")
    deadline = time.monotonic() + LONGEST_START
    while not is_ready(url):
        if process.poll() is not None or time.monotonic() > deadline:
            sys.stderr.write(LOG.read_text("utf-8")[-2000:])
            stop()
            sys.exit(f"the service did not start; its log is {LOG}")
        time.sleep(0.2)


def is_ready(url: str) -> bool:
    """Whether the service says it is ready."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:  # noqa: S310 - our own loopback address
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP OK
    except (urllib.error.URLError, OSError):
        return False


def stop() -> bool:
    """End the service that an earlier demonstration left running, and only that."""
    if not PID.is_file():
        return False
    service = service_of(int(PID.read_text("utf-8")))
    PID.unlink()
    if service is None:
        return False
    service.terminate()
    try:
        service.wait(LONGEST_STOP)
    except psutil.TimeoutExpired:
        service.kill()
    return True


def service_of(pid: int) -> psutil.Process | None:
    """The process, if it still runs and is a service of ours, not a stranger who was given the same number."""
    try:
        process = psutil.Process(pid)
        return process if "serving.service:Xinpei" in process.cmdline() else None
    except psutil.Error:
        return None


if __name__ == "__main__":
    sys.exit(main())
