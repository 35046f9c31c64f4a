#!/bin/sh
# Runs Asterisk, with the configuration that `prepare` has rendered into the run folder given as $1.
# The process id is left where the daemon looks for it. Asterisk's user is not the daemon's: an Asterisk that hangs is ended here, when
# the daemon asks for it, and compose starts it again. A log beyond 100 MB is emptied: strangers write into some.
set -u
umask 0007
run=$1
request="$run/asterisk/control/end-asterisk"
rm -f "$request"
# -g would leave core dumps, and those hold what callers said.
asterisk -C "$run/asterisk/etc/asterisk.conf" -f &
asterisk=$!
echo "$asterisk" > "$run/asterisk.pid"
trap 'kill -TERM "$asterisk"' TERM INT
while kill -0 "$asterisk" 2>/dev/null; do
    if [ "$(cat "$request" 2>/dev/null)" = "$asterisk" ]; then
        echo "ended, as the daemon has asked for" >&2
        kill -KILL "$asterisk"
    fi
    find "$run/asterisk/log" -maxdepth 1 -name '*.log' -size +100000k -exec sh -c ': > "$1"' sh {} \;
    # In the background, so that a signal is heeded at once.
    sleep 1 &
    wait "$!"
done
wait "$asterisk"
