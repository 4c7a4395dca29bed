/** The numbers of a daemon, as a collector gets them from the real binary. */
import { expect, it } from 'vitest';
import { withHome } from '../support/home.ts';

it('tells what there is and what was done, as JSON and as Prometheus reads it', async () => {
  await withHome(async (home) => {
    const none = await home.ocap(['daemon', 'metrics', '--prometheus']);
    expect(none).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('No daemon runs'),
    });
    expect(home.daemonPid()).toBeUndefined();

    await home.json(['launch', 'examples/counter']);
    for (let call = 1; call <= 3; call += 1) {
      await home.call('counter', 'increment');
    }
    await home.ocap(['daemon', 'exec', 'revoke', '["nothing"]']);
    await home.ocap(['daemon', 'exec', 'nosuchthing']);
    const { stdout, code } = await home.ocap([
      'daemon',
      'metrics',
      '--prometheus',
    ]);
    expect(code).toBe(0);
    const values = new Map(
      stdout
        .trimEnd()
        .split('\n')
        .filter((line) => !line.startsWith('#'))
        .map((line) => {
          const [, name = '', value] =
            /^(\S+(?:\{.*\})?) (\S+)$/u.exec(line) ?? [];
          return [name, Number(value)] as const;
        }),
    );
    expect([...values.values()].every(Number.isFinite)).toBe(true);
    expect(Object.fromEntries(values)).toMatchObject({
      'ocap_vats{state="awake"}': 1,
      'ocap_vats{state="asleep"}': 0,
      'ocap_vat_hosts{kind="used"}': 1,
      ocap_inbox_messages: 0,
      ocap_deliveries_undone_total: 0,
      ocap_connections: 1,
      'ocap_events_total{topic="vat",type="launched"}': 1,
      'ocap_requests_total{method="queueMessage",outcome="answered"}': 3,
      'ocap_requests_total{method="revoke",outcome="failed"}': 1,
      'ocap_requests_total{method="",outcome="failed"}': 1,
      'ocap_peers{state="connected"}': 0,
    });
    for (const name of [
      'ocap_deliveries_total',
      'ocap_commits_total',
      'ocap_commit_seconds_total',
      'ocap_vat_host_memory_bytes',
      'ocap_file_bytes{file="database"}',
      'process_resident_memory_bytes',
      'process_cpu_seconds_total',
    ]) {
      expect({ name, value: values.get(name) }).toMatchObject({
        value: expect.any(Number),
      });
      expect(values.get(name)).toBeGreaterThan(0);
    }
    const metrics = await home.json(['daemon', 'metrics']);
    expect(metrics).toContainEqual(
      expect.objectContaining({ name: 'ocap_vats', type: 'gauge' }),
    );
  });
});
