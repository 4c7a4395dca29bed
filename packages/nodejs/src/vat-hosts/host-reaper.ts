/**
 * Ends the vat hosts of a daemon that was killed. A host notices that its
 * daemon is gone as soon as it has nothing to do; one that spins never does. A
 * small shell waits for the end of its standard input, which comes however the
 * daemon ends, and then kills what is left of the hosts it was told of.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';

export type HostReaper = Readonly<{
  /** An argument of every host, by which it is known to be one of ours. */
  token: string;
  add(pid: number | undefined): void;
  remove(pid: number | undefined): void;
  /** For a daemon that has ended its hosts itself. */
  close(): void;
}>;

// A pid alone could belong to somebody else by then: the command line must
// carry the token. Hosts that do nothing get a second to end by themselves.
const script = `
token=$1
hosts=' '
while read -r sign pid; do
  case $sign in
    +) hosts="$hosts$pid " ;;
    -) case $hosts in
      *" $pid "*) hosts="\${hosts%% $pid *} \${hosts#* $pid }" ;;
    esac ;;
  esac
done
[ "$hosts" = ' ' ] && exit
sleep 1
for pid in $hosts; do
  if [ -r /proc/$pid/cmdline ]; then
    grep -qa "$token" /proc/$pid/cmdline && kill -9 "$pid"
  elif ps -o args= -p "$pid" 2>/dev/null | grep -q "$token"; then
    kill -9 "$pid"
  fi
done
`;

export const startHostReaper = (): HostReaper => {
  const token = `ocap-vat-host-${randomUUID()}`;
  const shell = spawn('/bin/sh', ['-c', script, 'ocap-host-reaper', token], {
    // In a session of its own: a Ctrl-C is not for it.
    detached: true,
    env: { PATH: '/usr/bin:/bin' },
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without it hosts still end with their daemon, unless they spin.
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  const tell = (sign: '+' | '-', pid: number | undefined): void => {
    if (pid !== undefined) {
      shell.stdin.write(`${sign} ${pid}\n`);
    }
  };
  return {
    token,
    add: (pid) => tell('+', pid),
    remove: (pid) => tell('-', pid),
    close: () => shell.stdin.end(),
  };
};
