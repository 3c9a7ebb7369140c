# Outlives the process that started it, by a moment: when that process ends in any way, this script reads the end
# of the pipe, stops the programs it was told of and removes the temporary directory.
#   $1  directory the programs run in; a number whose command line does not name it is not ours any more
#   $2  directory to remove at the end, empty for none
#   $3  signal that stops PostgreSQL
trap '' HUP INT TERM
home=$1 scratch=$2 signal=$3 postgres= nats=

while read -r part pid; do
    case $part in
    postgres) postgres=$pid ;;
    nats) nats=$pid ;;
    esac
done

line() { # the command line of a process, empty when it ended
    if [ -r /proc/self/cmdline ]; then tr '\0' ' ' <"/proc/$1/cmdline"; else ps -p "$1" -o command=; fi
}
runs() {
    [ -n "$1" ] && line "$1" 2>/dev/null | grep -qF -- "$home/"
}
stop() {
    runs "$1" || return
    # What is paused would sleep through the request.
    kill -CONT "$1" $(cat "/proc/$1/task/$1/children" 2>/dev/null) 2>/dev/null
    kill "-$2" "$1" 2>/dev/null
}

stop "$postgres" "$signal"
stop "$nats" TERM
glances=0
while { runs "$postgres" || runs "$nats"; } && [ "$glances" -lt 200 ]; do
    glances=$((glances + 1))
    sleep 0.05 2>/dev/null || sleep 1
done
runs "$nats" && kill -KILL "$nats" 2>/dev/null
if runs "$postgres"; then
    kill -KILL "$postgres" 2>/dev/null
    sleep 1
fi
if [ -n "$scratch" ]; then
    # A PostgreSQL that ended in order has removed this file and its shared memory; else the seventh line names it.
    segment=$(sed -n '7s/^ *[0-9]* *\([0-9][0-9]*\).*/\1/p' "$home/postgres/postmaster.pid" 2>/dev/null)
    [ -z "$segment" ] || ipcrm -m "$segment" 2>/dev/null
    rm -rf -- "$scratch" || { sleep 1 && rm -rf -- "$scratch"; }
fi
