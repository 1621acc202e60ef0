"""Jobs and CronJobs: Pods that run to their end, and Jobs made by the clock."""

import datetime
from collections.abc import Iterable

from karmactl.embedded.simulate.client import Client
from karmactl.embedded.simulate.conditions import is_true, set_condition
from karmactl.embedded.simulate.containers import restarts
from karmactl.embedded.simulate.loop import Controllers, controller_reference, of_table, owner_uid, owners_in
from karmactl.embedded.simulate.pods import PODS, is_active, is_ready
from karmactl.embedded.simulate.replicas import RETRY_SECONDS, pod_of, pods_of
from karmactl.embedded.store import Change, Key
from karmactl.embedded.values import Object, copy, dig, now, parse_time, seconds_now

JOBS, CRON_JOBS = ("batch", "jobs"), ("batch", "cronjobs")
MINUTE = 60.0
_TOO_OFTEN = ("BackoffLimitExceeded", "Job has reached the specified backoff limit")
_TOO_LATE = ("DeadlineExceeded", "Job was active longer than specified deadline")


class Jobs:
    """The Job controller."""

    def __init__(self, controllers: Controllers) -> None:
        """A controller for the cluster's Jobs."""
        self._controllers = controllers
        self._client = Client(controllers.cluster)

    def concerns(self, change: Change) -> Iterable[Key]:
        """Jobs that changed, and those whose Pods did."""
        return [*of_table(change, JOBS), *owners_in(change, PODS, "Job")]

    def reconcile(self, key: Key) -> None:
        """Creates Pods until enough have succeeded, and reports."""
        job = self._client.get(JOBS, *key)
        if job is None or "deletionTimestamp" in job["metadata"]:
            return
        pods = pods_of(self._controllers, job)
        phases = [dig(p, "status", "phase") for p in pods]
        succeeded, failed = phases.count("Succeeded"), phases.count("Failed")
        active = [p for p in pods if is_active(p)]
        completions = job["spec"].get("completions")
        done = succeeded >= completions if completions is not None else succeeded > 0 and not active
        ended = _is_over(job)
        late = not ended and self._is_late(key, job)
        broken = late or failed > job["spec"].get("backoffLimit", 6) or self._restarted_too_often(job, active)
        if ended and self._is_past_its_time(key, job):
            self._client.delete(JOBS, *key)
            return
        if not (done or broken or ended or job["spec"].get("suspend")):
            self._start(job, active, succeeded, completions)
        elif active and (done or broken or job["spec"].get("suspend")):
            for pod in active:
                self._client.delete(PODS, pod["metadata"]["namespace"], pod["metadata"]["name"])
        self._report(key, done, _TOO_LATE if late else _TOO_OFTEN if broken else None)

    def _is_late(self, key: Key, job: Object) -> bool:
        """Whether the Job has run for longer than it may; looks again when that moment comes."""
        limit, started = job["spec"].get("activeDeadlineSeconds"), dig(job, "status", "startTime")
        if limit is None or not started or job["spec"].get("suspend"):
            return False
        return self._left(key, started, limit) <= 0

    def _is_past_its_time(self, key: Key, job: Object) -> bool:
        """Whether an ended Job has been kept for as long as it asked for."""
        seconds = job["spec"].get("ttlSecondsAfterFinished")
        ends = [c for c in dig(job, "status", "conditions") or () if c["type"] in ("Complete", "Failed")]
        if seconds is None or not ends:
            return False
        return self._left(key, ends[0]["lastTransitionTime"], seconds) <= 0

    def _left(self, key: Key, since: str, seconds: int) -> float:
        """Seconds until so many have passed since a moment; looks at the Job again then."""
        moment = parse_time(since)
        left = moment.timestamp() + seconds - seconds_now() if moment is not None else 0.0
        if left > 0:
            self._controllers.again(self, key, left + 0.01)
        return left

    def _restarted_too_often(self, job: Object, active: list[Object]) -> bool:
        """Whether Pods that are started again in place have used up the Job's patience."""
        if dig(job, "spec", "template", "spec", "restartPolicy") != "OnFailure":
            return False
        count: int = sum(restarts(p) for p in active)
        return count > 0 and count >= job["spec"].get("backoffLimit", 6)

    def _start(self, job: Object, active: list[Object], succeeded: int, completions: int | None) -> None:
        wanted = job["spec"].get("parallelism", 1)
        if completions is not None:
            wanted = min(wanted, completions - succeeded)
        for _ in range(wanted - len(active)):
            pod = pod_of(job, job["spec"]["template"], "batch/v1", "Job")
            made = self._client.create(PODS, pod)
            if made is not None:
                self._tell(job, "SuccessfulCreate", f"Created pod: {made['metadata']['name']}")
            else:
                self._tell(job, "FailedCreate", f"Error creating: {self._client.refusal}", warning=True)
                key = (job["metadata"]["namespace"], job["metadata"]["name"])
                self._controllers.again(self, key, RETRY_SECONDS)
                return

    def _tell(self, job: Object, reason: str, message: str, *, warning: bool = False) -> None:
        self._controllers.events.tell("job-controller", job, reason, message, warning=warning)

    def _report(self, key: Key, done: bool, failure: tuple[str, str] | None) -> None:
        job = self._client.get(JOBS, *key)
        if job is None:
            return
        pods = pods_of(self._controllers, job)
        active = [p for p in pods if is_active(p)]
        new = copy(job)
        status: Object = copy(job.get("status") or {})
        phases = [dig(p, "status", "phase") for p in pods]
        counts = {"active": len(active)}
        if not _is_over(job):
            # afterwards Pods may be deleted, and what they did stays done
            counts |= {"succeeded": phases.count("Succeeded"), "failed": phases.count("Failed")}
        for field, number in counts.items():
            status.pop(field, None)
            if number:
                status[field] = number
        status["ready"] = sum(1 for p in active if is_ready(p))
        status["terminating"] = sum(1 for p in pods if "deletionTimestamp" in p["metadata"])
        status["uncountedTerminatedPods"] = {}
        if job["spec"].get("suspend"):
            set_condition(status, "Suspended", "True", "JobSuspended", "Job suspended")
            status.pop("startTime", None)
        else:
            if is_true(job, "Suspended"):
                set_condition(status, "Suspended", "False", "JobResumed", "Job resumed")
            status.setdefault("startTime", now())
        if not _is_over(job) and not active:
            if done:
                text = "Reached expected number of succeeded pods"
                set_condition(status, "SuccessCriteriaMet", "True", "CompletionsReached", text)
                set_condition(status, "Complete", "True", "CompletionsReached", text)
                status["completionTime"] = now()
                self._tell(job, "Completed", "Job completed")
            elif failure is not None:
                reason, text = failure
                set_condition(status, "FailureTarget", "True", reason, text)
                set_condition(status, "Failed", "True", reason, text)
                self._tell(job, reason, text, warning=True)
        new["status"] = status
        self._client.update_status(JOBS, new)


def _is_over(job: Object) -> bool:
    return is_true(job, "Complete") or is_true(job, "Failed")


# ---- CronJobs


def _field(text: str, low: int, high: int) -> set[int]:
    """The values that one field of a schedule names."""
    out: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        width = int(step) if step else 1
        if span in ("*", "?"):
            first, last = low, high
        elif "-" in span:
            left, _, right = span.partition("-")
            first, last = int(left), int(right)
        else:
            first = int(span)
            last = high if step else first
        out |= set(range(first, last + 1, width))
    return out


_NAMED = {"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0"}
_NAMED |= {"@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *"}


def is_due(schedule: str, moment: datetime.datetime) -> bool:
    """Whether a schedule names the minute; a schedule that cannot be read names none."""
    parts = _NAMED.get(schedule, schedule).split()
    if len(parts) != 5:
        return False
    try:
        minute, hour, day, month, weekday = (
            _field(text, low, high)
            for text, (low, high) in zip(parts, ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7)), strict=True)
        )
    except ValueError:
        return False
    week = moment.isoweekday() % 7 in {w % 7 for w in weekday}
    date = moment.day in day
    by_day = week and date if "*" in (parts[2], parts[4]) else week or date
    return moment.minute in minute and moment.hour in hour and moment.month in month and by_day


def _to_next_minute() -> float:
    """Seconds until a minute begins, by the cluster's clock, and a little more, lest it be the old one still."""
    return MINUTE - seconds_now() % MINUTE + 0.01


class CronJobs:
    """The CronJob controller: looks at the clock once a minute, and cleans up after itself."""

    def __init__(self, controllers: Controllers) -> None:
        """A controller for the cluster's CronJobs."""
        self._controllers = controllers
        self._client = Client(controllers.cluster)
        self._ticking = False

    def concerns(self, change: Change) -> Iterable[Key]:
        """CronJobs that changed, and those whose Jobs did."""
        if change.table == CRON_JOBS and not self._ticking:
            self._ticking = True
            self._controllers.cluster.later(_to_next_minute(), self._tick)
        return [*of_table(change, CRON_JOBS), *owners_in(change, JOBS, "CronJob")]

    def _tick(self) -> None:
        moment = datetime.datetime.fromtimestamp(seconds_now(), datetime.UTC).replace(second=0, microsecond=0)
        jobs = self._client.list(CRON_JOBS)
        for cron in jobs:
            if not cron["spec"].get("suspend") and is_due(cron["spec"].get("schedule", ""), moment):
                self._run(cron, moment)
        self._ticking = bool(jobs)
        if jobs:
            self._controllers.cluster.later(_to_next_minute(), self._tick)

    def _run(self, cron: Object, moment: datetime.datetime) -> None:
        meta = cron["metadata"]
        name = f"{meta['name']}-{int(moment.timestamp()) // 60}"
        if self._client.get(JOBS, meta["namespace"], name) is not None:
            return
        running = [j for j in self._own(cron) if not _is_over(j)]
        policy = cron["spec"].get("concurrencyPolicy")
        if running and policy == "Forbid":
            return
        if policy == "Replace":
            for job in running:
                self._client.delete(JOBS, meta["namespace"], job["metadata"]["name"])
        template = cron["spec"]["jobTemplate"]
        made = self._client.create(
            JOBS,
            {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {
                    "name": name,
                    "namespace": meta["namespace"],
                    "labels": copy(dig(template, "metadata", "labels") or {}),
                    "annotations": copy(dig(template, "metadata", "annotations") or {}),
                    "ownerReferences": [controller_reference(cron, "batch/v1", "CronJob")],
                },
                "spec": copy(template["spec"]),
            },
        )
        if made is not None:
            told = f"Created job {made['metadata']['name']}"
            self._controllers.events.tell("cronjob-controller", cron, "SuccessfulCreate", told)
            fresh = copy(self._client.get(CRON_JOBS, meta["namespace"], meta["name"]) or cron)
            fresh.setdefault("status", {})["lastScheduleTime"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
            self._client.update_status(CRON_JOBS, fresh)

    def _own(self, cron: Object) -> list[Object]:
        uid = cron["metadata"]["uid"]
        return [j for j in self._controllers.dependents.of(uid, JOBS) if owner_uid(j) == uid]

    def reconcile(self, key: Key) -> None:
        """Lists the running Jobs in the status, and deletes finished ones past the limits."""
        cron = self._client.get(CRON_JOBS, *key)
        if cron is None or "deletionTimestamp" in cron["metadata"]:
            return
        own = self._own(cron)
        running = [j for j in own if not _is_over(j)]
        for kind, limit in (("Complete", "successfulJobsHistoryLimit"), ("Failed", "failedJobsHistoryLimit")):
            ended = sorted((j for j in own if is_true(j, kind)), key=lambda j: j["metadata"]["creationTimestamp"])
            for job in ended[: max(len(ended) - cron["spec"].get(limit, 3), 0)]:
                self._client.delete(JOBS, key[0], job["metadata"]["name"])
        active = [
            {
                "kind": "Job",
                "namespace": key[0],
                "name": j["metadata"]["name"],
                "uid": j["metadata"]["uid"],
                "apiVersion": "batch/v1",
            }
            for j in running
        ]
        new = copy(cron)
        status = new.setdefault("status", {})
        status.pop("active", None)
        if active:
            status["active"] = active
        self._client.update_status(CRON_JOBS, new)
