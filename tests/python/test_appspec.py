"""Installs a revision of infra/codedeploy into empty roots, as CodeDeploy's agent would: what appspec.yml says, in its order.

`python -m unittest tests/python/test_appspec.py` (needs PyYAML and, of systemd, what the classes name). MLLAB_BINARY: the
binary to install; without it a script that answers `--version` as mllab does stands for it, for these tests are of the
scripts.
"""

import os
import pathlib
import shutil
import stat
import subprocess
import tempfile
import unittest

import yaml

SOURCE = pathlib.Path(__file__).parents[2] / "infra/codedeploy"
# What the scripts call. They make a user and give it folders, so they need root.
CALLED = ["systemctl", "systemd-sysusers", "systemd-tmpfiles"]
ORDER = ["ApplicationStop", "BeforeInstall", "Install", "AfterInstall", "ApplicationStart"]


class Agent:
    """Deploys revisions into one root; remembers the last, whose ApplicationStop is the next deployment's first step."""

    def __init__(self, root):
        self.root, self.before = root, None

    def deploy(self, revision):
        appspec = yaml.safe_load((revision / "appspec.yml").read_text())
        said = ""
        for step in ORDER:
            if step == "Install":
                self.install(revision, appspec)
                continue
            of = self.before if step == "ApplicationStop" else revision
            if of is None:
                continue
            for hook in appspec["hooks"][step]:
                done = subprocess.run([of / hook["location"]], env=os.environ | {"ROOT": str(self.root)}, capture_output=True, text=True, timeout=hook["timeout"])
                said += done.stdout + done.stderr
                if done.returncode:
                    raise AssertionError(f"{step}: {said}")
        self.before = revision
        return said

    def install(self, revision, appspec):
        for file in appspec["files"]:
            folder = self.root / file["destination"].lstrip("/")
            folder.mkdir(parents=True, exist_ok=True)
            source = revision / file["source"]
            shutil.copy(source, folder / source.name)


class Rooted(unittest.TestCase):
    """A test with an empty root, and an agent that deploys into it."""

    def setUp(self):
        self.dir = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.root = self.dir / "root"
        self.root.mkdir()
        self.agent = Agent(self.root)

    def revision(self, name, binary=None):
        revision = self.dir / name
        shutil.copytree(SOURCE, revision)
        target = revision / "mllab"
        if binary is None and (given := os.environ.get("MLLAB_BINARY")):
            shutil.copy(given, target)
        else:
            target.write_text(binary or f"#!/bin/sh\necho mllab {name}\n")
        return revision

    def file(self, path):
        return self.root / path.lstrip("/")


@unittest.skipUnless(os.geteuid() == 0, "needs root")
@unittest.skipUnless(all(map(shutil.which, CALLED)), f"needs {', '.join(CALLED)}")
class AppspecTest(Rooted):
    def is_enabled(self):
        return self.file("/etc/systemd/system/timers.target.wants/mllab.timer").is_symlink()

    def test_an_empty_root_gets_all_that_the_day_needs(self):
        self.agent.deploy(self.revision("1"))
        self.assertTrue(self.file("/opt/mllab/bin/mllab").stat().st_mode & stat.S_IXOTH)
        self.assertIn("mllab:", self.file("/etc/passwd").read_text())
        self.assertIn("MLLAB_LAKE=", self.file("/etc/mllab/mllab.env").read_text())
        self.assertTrue(self.is_enabled())
        uid = next(int(line.split(":")[2]) for line in self.file("/etc/passwd").read_text().splitlines() if line.startswith("mllab:"))
        for folder in ("raw", "lake"):
            found = self.file(f"/var/lib/mllab/{folder}").stat()
            self.assertEqual((found.st_uid, stat.S_IMODE(found.st_mode)), (uid, 0o750))

    def test_a_deployment_keeps_configuration_data_and_the_binary_before(self):
        self.agent.deploy(self.revision("1"))
        self.file("/etc/mllab/mllab.env").write_text("MLLAB_LAKE=s3://mine\n")
        self.file("/var/lib/mllab/raw/vagas.json").write_text("{}")
        before = self.file("/opt/mllab/bin/mllab").read_bytes()
        self.agent.deploy(self.revision("2"))
        self.assertEqual(self.file("/etc/mllab/mllab.env").read_text(), "MLLAB_LAKE=s3://mine\n")
        self.assertTrue(self.file("/var/lib/mllab/raw/vagas.json").exists())
        self.assertEqual(self.file("/opt/mllab/bin/mllab.previous").read_bytes(), before)
        self.assertTrue(self.is_enabled())

    def test_a_deployment_after_one_that_failed_keeps_the_last_binary_that_ran(self):
        self.agent.deploy(self.revision("1", "#!/bin/sh\necho mllab 1\n"))
        with self.assertRaisesRegex(AssertionError, "does not run on this host"):
            self.agent.deploy(self.revision("2", "#!/bin/sh\nexit 127\n"))
        self.agent.deploy(self.revision("3", "#!/bin/sh\necho mllab 3\n"))
        kept, now = (subprocess.run([self.file(f"/opt/mllab/bin/{name}")], capture_output=True, text=True).stdout for name in ("mllab.previous", "mllab"))
        self.assertEqual((kept, now), ("mllab 1\n", "mllab 3\n"))

    def test_a_binary_that_does_not_run_here_fails_the_deployment_and_starts_nothing(self):
        with self.assertRaisesRegex(AssertionError, "(?s)AfterInstall: .*does not run on this host"):
            self.agent.deploy(self.revision("1", "#!/bin/sh\nexit 127\n"))
        self.assertFalse(self.is_enabled())

    def test_stop_takes_the_timer_away_and_minds_no_host_that_has_none(self):
        stop = SOURCE / "scripts/stop.sh"
        subprocess.run([stop], env=os.environ | {"ROOT": str(self.root)}, check=True, capture_output=True)
        self.agent.deploy(self.revision("1"))
        subprocess.run([stop], env=os.environ | {"ROOT": str(self.root)}, check=True, capture_output=True)
        self.assertFalse(self.is_enabled())


@unittest.skipUnless(shutil.which("systemd-analyze"), "needs systemd-analyze")
class UnitsTest(Rooted):
    def test_the_units_are_ones_that_systemd_understands(self):
        revision = self.revision("1")
        self.agent.install(revision, yaml.safe_load((revision / "appspec.yml").read_text()))
        self.file("/opt/mllab/bin/mllab").chmod(0o755)
        units = [self.file(f"/etc/systemd/system/mllab.{kind}") for kind in ("service", "timer")]
        for unit in units:
            done = subprocess.run(["systemd-analyze", "verify", f"--root={self.root}", "--man=no", unit], capture_output=True, text=True)
            # What an empty root lacks of systemd's own is none of the units'.
            ours = [line for line in done.stderr.splitlines() if "mllab" in line and "sysinit.target not found" not in line]
            self.assertEqual(ours, [])


if __name__ == "__main__":
    unittest.main()
