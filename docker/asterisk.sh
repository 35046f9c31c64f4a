#!/bin/sh
# Becomes Asterisk, with the configuration that `prepare` has rendered into the run folder given as $1.
# The process id is left where the daemon looks for it: it ends an Asterisk that hangs, and compose starts it again.
set -eu
umask 0077
echo $$ > "$1/asterisk.pid"
# -g would leave core dumps, and those hold what callers said.
exec asterisk -C "$1/asterisk/etc/asterisk.conf" -f
