"""Containers in a storage of their own, run by podman as Kubernetes runs ours under PodSecurity `restricted`. Knows nothing of what runs in them."""

import contextlib
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROBE = Path(__file__).resolve().parent / "probe.py"
CGROUPS = Path("/sys/fs/cgroup")
ACCOUNT = 65532
# More would be refused where the caller has no right to raise limits, as in a sandbox.
LIMITS = {"nofile": (resource.RLIMIT_NOFILE, 65536), "nproc": (resource.RLIMIT_NPROC, 4096)}
# Mounts that every runtime makes and a program may write to.
RUNTIME_MOUNTS = re.compile(r"/(dev|proc|sys)(/|$)")


class Broken(Exception):
    """Something did not happen that had to; the text says what was seen."""


def wait_for(what, seconds, look):
    """What `look` returns as soon as it is true."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise Broken(f"{what}: not within {seconds} s")
        time.sleep(0.2)


def execute(command, seconds, **more):
    """Runs a command to its end; where that does not come in time, or we are told to end, what it started ends with it."""
    started = subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", start_new_session=True, **more)
    try:
        said, complained = started.communicate(timeout=seconds)
    except BaseException as reason:
        os.killpg(started.pid, signal.SIGKILL)
        started.communicate()
        if isinstance(reason, subprocess.TimeoutExpired):
            raise Broken(f"not ended within {seconds} s: {' '.join(map(str, command))[:300]}") from None
        raise
    return subprocess.CompletedProcess(command, started.returncode, said, complained)


class Containers:
    """Everything that is made here is gone when it is left, however it is left."""

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="gongzhi-image-"))
        storage = self.folder / "storage.conf"
        self.environment = {**os.environ, "CONTAINERS_STORAGE_CONF": str(storage), "TMPDIR": str(self.folder)}
        for driver in [os.environ["STORAGE_DRIVER"]] if "STORAGE_DRIVER" in os.environ else ["overlay", "vfs"]:
            storage.write_text(f'[storage]\ndriver = "{driver}"\ngraphroot = "{self.folder}/graph"\nrunroot = "{self.folder}/run"\n')
            works = self.podman("info", check=False)
            if works.returncode == 0:
                self.driver = driver
                return self
        self.__exit__()
        sys.exit(f"podman cannot work here: {works.stderr.strip()}")

    def __exit__(self, *_):
        self.podman("rm", "--all", "--force", "--time", "0", check=False)
        try:
            wait_for("", 10, self._vanish)
        except Broken:
            print(f"left behind, remove it by hand: {self.folder}", file=sys.stderr)

    def _vanish(self):
        """Ends what watches or tidies a container, because it would mount the storage again, then what still runs in one, and removes the storage."""
        own = f"{self.folder}/"
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if process.name != str(os.getpid()) and own.encode() in (process / "cmdline").read_bytes():
                    os.kill(int(process.name), signal.SIGKILL)
        groups = [folder / self.folder.name for folder in (CGROUPS, *CGROUPS.glob("*"))]
        for file in (file for group in groups for file in group.rglob("cgroup.procs")):
            with contextlib.suppress(OSError):
                for process in file.read_text().split():
                    os.kill(int(process), signal.SIGKILL)
        mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
        for mount in reversed([mount for mount in mounts if mount.startswith(own)]):
            subprocess.run(["umount", "--lazy", mount], check=False, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        for group in groups:
            for folder, _, _ in os.walk(group, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(folder)
        return not any(left.exists() for left in (self.folder, *groups))

    def podman(self, *arguments, check=True, seconds=120):
        command = ["podman", "--runtime", "runc", "--cgroup-manager", "cgroupfs", "--events-backend", "none", "--tmpdir", f"{self.folder}/tmp", *map(str, arguments)]
        ended = execute(command, seconds, env=self.environment)
        if check and ended.returncode:
            raise Broken(f"podman {arguments[0]} ended with {ended.returncode}: {(ended.stderr or ended.stdout).strip()[-2000:]}")
        return ended

    def volume(self, name):
        """A folder as a volume that Kubernetes gives to the group of the pod (fsGroup)."""
        folder = self.folder / "volumes" / name
        folder.mkdir(parents=True)
        os.chown(folder, 0, ACCOUNT)
        folder.chmod(0o2775)
        return folder

    def start(self, name, image, *arguments, environment=None, memory=None, temporary=(), volumes=None, entrypoint=None, beside=None):
        """Starts a container that may do nothing; `beside` is another whose network it shares, else it has none."""
        options = ["--name", name, "--user", ACCOUNT, "--read-only", "--read-only-tmpfs=false", "--cap-drop", "all", "--security-opt", "no-new-privileges"]
        options += ["--cgroup-parent", f"/{self.folder.name}", "--network", f"container:{beside}" if beside else "none", "--log-driver", "k8s-file", "--pull", "never"]
        options += self.limits()
        for key, value in (environment or {}).items():
            options += ["--env", f"{key}={value}"]
        for path in temporary:
            options += ["--tmpfs", f"{path}:rw,mode=1777"]
        for path, folder in (volumes or {}).items():
            options += ["--volume", f"{folder}:{path}"]
        options += ["--memory", str(memory)] if memory else []
        options += ["--entrypoint", entrypoint] if entrypoint else []
        self.podman("run", "--detach", *options, image, *arguments)
        return Container(self, name, {*temporary, *(volumes or {})})

    def start_loose(self, name, image, *arguments):
        """Starts a container that may do much, to see that it is noticed."""
        self.podman("run", "--detach", "--name", name, "--user", "0", "--cgroup-parent", f"/{self.folder.name}", "--network", "none", "--pull", "never", *self.limits(), image, *arguments)
        return Container(self, name, set())

    def limits(self):
        """As much as was wanted, or as the caller has to give."""
        options = []
        for limit, (number, wanted) in LIMITS.items():
            hard = resource.getrlimit(number)[1]
            value = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
            options += ["--ulimit", f"{limit}={value}:{value}"]
        return options

    def run(self, name, image, *arguments, seconds=60, **more):
        """Starts a container, waits for its end, and returns what it printed."""
        container = self.start(name, image, *arguments, **more)
        try:
            code = container.wait(seconds)
            said = container.logs()
        finally:
            container.remove()
        if code:
            raise Broken(f"{name} ended with {code}: {said[-2000:]}")
        return said


class Container:
    """One that was started."""

    def __init__(self, containers, name, writable):
        self.containers, self.name, self.writable = containers, name, writable
        self.pid = int(containers.podman("inspect", "--format", "{{.State.Pid}}", name).stdout)

    def logs(self):
        answer = self.containers.podman("logs", self.name)
        return answer.stdout + answer.stderr

    def wait(self, seconds):
        return int(self.containers.podman("wait", self.name, seconds=seconds).stdout)

    def stop(self, seconds):
        """Asks it to end; returns its exit code and the seconds it took."""
        began = time.monotonic()
        self.containers.podman("stop", "--time", seconds, self.name, seconds=seconds + 30)
        code = int(self.containers.podman("inspect", "--format", "{{.State.ExitCode}}", self.name).stdout)
        return code, time.monotonic() - began

    def kill(self):
        self.containers.podman("kill", "--signal", "KILL", self.name)
        self.wait(30)

    def remove(self):
        self.containers.podman("rm", "--force", "--time", "0", self.name)

    def probe(self, *question):
        """Asks from its network, as the kubelet would: whether it is well, and what it said."""
        command = ["nsenter", "--target", str(self.pid), "--net", "--", sys.executable, PROBE, *question]
        asked = subprocess.run(command, capture_output=True, text=True, timeout=30)
        return asked.returncode == 0, (asked.stdout + asked.stderr).strip()

    def wait_until(self, what, seconds, look):
        """What `look` returns as soon as it is true; one that has ended never comes so far."""

        def look_alive():
            if not Path(f"/proc/{self.pid}").exists():
                raise Broken("it has ended")
            return look()

        try:
            return wait_for(what, seconds, look_alive)
        except Broken as broken:
            raise Broken(f"{self.name}: {broken}; its log: {self.logs()[-2000:]}") from None

    def await_probe(self, *question, seconds=60):
        """Waits until the probe finds it well."""
        self.wait_until(" ".join(question), seconds, lambda: self.probe(*question)[0])

    def status(self):
        """What the kernel tells of its first process."""
        return dict(line.split(":\t", 1) for line in Path(f"/proc/{self.pid}/status").read_text().splitlines() if ":\t" in line)

    def not_enforced(self):
        """What it may do that it must not be able to."""
        status, wrong = self.status(), []
        if set(status["Uid"].split()) | set(status["Gid"].split()) != {str(ACCOUNT)}:
            wrong.append(f"it runs as {status['Uid'].split()}")
        wrong += [f"{kind} is {status[kind]}" for kind in ("CapPrm", "CapEff", "CapBnd", "CapAmb") if int(status[kind], 16)]
        wrong += [] if status["NoNewPrivs"] == "1" else ["it may gain rights"]
        wrong += [] if status["Seccomp"] == "2" else ["no system call is forbidden to it"]
        mounts = [line.split() for line in Path(f"/proc/{self.pid}/mountinfo").read_text().splitlines()]
        writable = {mount[4] for mount in mounts if "rw" in mount[5].split(",")}
        open_to_it = {path for path in writable if path == "/" or not RUNTIME_MOUNTS.match(path)}
        wrong += [f"it may write to {path}" for path in sorted(open_to_it - self.writable)]
        routes = Path(f"/proc/{self.pid}/net/route").read_text().splitlines()[1:]
        wrong += [f"it has a way out: {route.split()[0]}" for route in routes]
        return wrong

    def processes(self):
        """Its processes: those in the same namespace of process numbers."""
        own = os.readlink(f"/proc/{self.pid}/ns/pid")
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(folder / "ns/pid") == own:
                    yield folder
            except OSError:
                continue
