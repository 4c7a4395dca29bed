/**
 * A unit for systemd. It gives the daemon what it needs and no more: its home to
 * write to, no new privileges, no devices. What vats are kept from is not its
 * affair; this is for the case that the daemon itself is taken over.
 */
import type { ServiceProgram } from './service-program.ts';

export const systemdUnit = (
  { home, words, env }: ServiceProgram,
  target: 'default.target' | 'multi-user.target',
): string => `[Unit]
Description=ocap: runs JavaScript nobody needs to trust (${plain(home)})

[Service]
Type=notify
# systemd-notify says it for the daemon.
NotifyAccess=all
ExecStart=${words.map(quoted).join(' ')}
${Object.entries(env)
  .map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`)
  .join('\n')}
# What runs is finished, then the daemon ends with 0; processes of vats end with it.
KillMode=mixed
TimeoutStopSec=15
Restart=on-failure
RestartSec=1
# A daemon whose event loop stands still for so long is killed; nothing is lost.
WatchdogSec=30
# A vat that takes too much memory is ended; that is no reason to end the daemon.
OOMPolicy=continue
LimitNOFILE=65536
UMask=0077

NoNewPrivileges=yes
ProtectSystem=strict
# Files and sockets that vats are given through \`io\` have to be listed here, too.
ReadWritePaths=${quoted(home)}
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native

[Install]
WantedBy=${target}
`;

/** One word, whatever is in it, as systemd.syntax(7) reads it. */
const quoted = (word: string): string =>
  `"${plain(word)
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('$', '$$$$')}"`;

/** Without specifiers. */
const plain = (text: string): string => text.replaceAll('%', '%%');
