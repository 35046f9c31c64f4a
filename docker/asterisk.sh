#!/bin/sh
# Runs Asterisk, with the configuration that `prepare` has rendered into the run folder given as $1, and beside it the keeper of its
# logs: numbers are masked and files bounded, as on a host. The keeper may end at any time and is started again; no call needs it.
# The process id is left where the daemon looks for it. Asterisk's user is not the daemon's: an Asterisk that hangs is ended here, when
# the daemon asks for it, and compose starts it again.
set -u
umask 0007
run=$1
house=$(dirname "$0")/..
python=$house/env/bin/python
[ -x "$python" ] || python=python3
export PYTHONPATH="$house"
request="$run/asterisk/control/end-asterisk"
rm -f "$request"

keep() {
    "$python" -m acd.processes.beside_asterisk keep "$run" &
    keeper=$!
}

keep
# -g would leave core dumps, and those hold what callers said.
"$python" -m acd.processes.beside_asterisk become "$run" asterisk -C "$run/asterisk/etc/asterisk.conf" -f &
asterisk=$!
echo "$asterisk" > "$run/asterisk.pid"
trap 'kill -TERM "$asterisk"' TERM INT
while kill -0 "$asterisk" 2>/dev/null; do
    if [ "$(cat "$request" 2>/dev/null)" = "$asterisk" ]; then
        echo "ended, as the daemon has asked for" >&2
        kill -KILL "$asterisk"
    fi
    kill -0 "$keeper" 2>/dev/null || keep
    # In the background, so that a signal is heeded at once.
    sleep 1 &
    wait "$!"
done
wait "$asterisk"
status=$?
kill -TERM "$keeper" 2>/dev/null
wait "$keeper"
exit "$status"
