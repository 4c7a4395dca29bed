/** `ocap daemon audit`: whether every invariant of the store holds. */
import type { AuditReport } from '@ocap/kernel';
import type { Command } from '../command.ts';

export const daemonAudit: Command = async (_args, context) => {
  const report = (await context.call('audit', [])) as AuditReport;
  return {
    json: report,
    text: (style) =>
      report.ok
        ? `${style.green('✓')} every rule of the store holds`
        : [
            `${style.red('✗')} the store breaks its own rules:`,
            ...report.problems.map((problem) => `  ${problem}`),
          ].join('\n'),
    exitCode: report.ok ? 0 : 1,
  };
};
