#!/usr/bin/env bash
# The Standard Webhooks library for Python signs another moment than it is given, unless that is
# in UTC.
#
# Version: standardwebhooks 1.1.0 (Python). It was reported as issue 251 of the library's repository.
# Expected: one signature for one moment, in whatever zone a datetime says it, as the libraries
# for Go (time.Time) and JavaScript (Date) make it; it is verified with that moment's
# webhook-timestamp.
# Seen: the hours and minutes are taken as they stand for those of UTC. What was signed with a
# datetime of New York is refused: "No matching signature found".
. "$(dirname "$0")/setup.bash"
install_python standardwebhooks==1.1.0 tzdata==2025.2
run_python <<'PY'
from datetime import datetime, timezone
from zoneinfo import ZoneInfo
from standardwebhooks.webhooks import Webhook

w = Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
now = datetime.now(timezone.utc)
seen = []
for at in (now, now.astimezone(ZoneInfo("America/New_York"))):
    assert at == now
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": w.sign("msg_1", at, "{}")}
    try:
        w.verify("{}", headers)
        seen.append("taken")
    except Exception as e:
        seen.append(str(e))
    print(at.isoformat(), seen[-1])
assert seen == ["taken", "No matching signature found"], "the moment is signed now"
PY
