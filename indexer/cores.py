"""How many cores this process may use: not those of the machine, but what it was given of them."""

import math
import os
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")


def usable_cores(root: Path = _ROOT, groups: Path = Path("/proc/self/cgroup")) -> int:
    """The smaller of the CPU affinity and the quota of the control groups, v2 or v1, at least 1."""
    quotas = [_quota(folder) for folder in _folders(root, groups)]
    allowed = min((quota for quota in quotas if quota is not None), default=math.inf)
    return max(1, math.ceil(min(len(os.sched_getaffinity(0)), allowed)))


def _folders(root: Path, groups: Path) -> list[Path]:
    """The folders of this process's control group and of those above it."""
    try:
        lines = groups.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    found = [root, root / "cpu"]
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "" or "cpu" in controllers.split(","):
            base = root / "cpu" if controllers else root
            parts = Path(path.lstrip("/")).parts
            found += [base.joinpath(*parts[:depth]) for depth in range(1, len(parts) + 1)]
    return found


def _quota(folder: Path) -> float | None:
    """Cores' worth of time that a control group may use, or None if it may use all."""
    try:
        if (folder / "cpu.max").exists():
            quota, period = (folder / "cpu.max").read_text("ascii").split()
        else:
            quota = (folder / "cpu.cfs_quota_us").read_text("ascii")
            period = (folder / "cpu.cfs_period_us").read_text("ascii")
        return int(quota) / int(period) if int(quota) > 0 and int(period) > 0 else None
    except (OSError, ValueError):
        return None  # "max", or no such file
