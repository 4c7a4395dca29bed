/** Which file makes the daemon of a home a service of this machine, and how it is begun. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { launchdPlist } from './launchd-plist.ts';
import type { ServiceProgram } from './service-program.ts';
import { systemdUnit } from './systemd-unit.ts';

export type ServiceManagerName = 'systemd' | 'launchd';

export type ServicePlan = Readonly<{
  manager: ServiceManagerName;
  path: string;
  text: string;
  /** Commands that begin it, and one that ends it. */
  begin: readonly string[];
  end: string;
}>;

type Options = Readonly<{
  program: ServiceProgram;
  manager: ServiceManagerName;
  /** `ocap`, unless there are several. */
  name: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Not of one user. */
  isOfMachine: boolean;
}>;

export const planService = (options: Options): ServicePlan =>
  options.manager === 'systemd' ? planSystemd(options) : planLaunchd(options);

const planSystemd = ({
  program,
  name,
  env,
  isOfMachine,
}: Options): ServicePlan => {
  const userFolder = env['XDG_CONFIG_HOME'] || join(homedir(), '.config');
  const systemctl = isOfMachine ? 'systemctl' : 'systemctl --user';
  return {
    manager: 'systemd',
    path: isOfMachine
      ? `/etc/systemd/system/${name}.service`
      : join(userFolder, 'systemd/user', `${name}.service`),
    text: systemdUnit(
      program,
      isOfMachine ? 'multi-user.target' : 'default.target',
    ),
    begin: [
      'ocap daemon stop',
      `${systemctl} daemon-reload`,
      `${systemctl} enable --now ${name}`,
      // Otherwise it ends with the last session of its user.
      ...(isOfMachine ? [] : ['loginctl enable-linger']),
    ],
    end: `${systemctl} disable --now ${name}`,
  };
};

const planLaunchd = ({ program, name, isOfMachine }: Options): ServicePlan => {
  const label = `dev.ocap.${name}`;
  const folder = isOfMachine
    ? '/Library/LaunchDaemons'
    : join(homedir(), 'Library/LaunchAgents');
  const path = join(folder, `${label}.plist`);
  const domain = isOfMachine ? 'system' : 'gui/$(id -u)';
  return {
    manager: 'launchd',
    path,
    text: launchdPlist(program, label),
    begin: ['ocap daemon stop', `launchctl bootstrap ${domain} ${path}`],
    end: `launchctl bootout ${domain}/${label}`,
  };
};
