/** The entry point of `ocap`: the process around one run of the command line. */
import type { Writable } from 'node:stream';
import { run } from './run.ts';

const abort = new AbortController();

// A reader that has seen enough (`| head`) is no failure of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      throw error;
    }
    abort.abort();
  });
}

let interruptCaught = false;
const catchInterrupt = (): AbortSignal => {
  if (!interruptCaught) {
    interruptCaught = true;
    // Once: a second Ctrl-C ends the process, whatever the command is doing.
    process.once('SIGINT', () => abort.abort());
  }
  return abort.signal;
};

/** When all that was written has been taken, or nobody takes it any more. */
const drained = async (stream: Writable): Promise<void> =>
  new Promise((resolve) => {
    stream.write('', () => resolve());
  });

// Not awaited: what is built of this is CommonJS, which Node loads sooner.
void run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  catchInterrupt,
}).then(async (exitCode) => {
  await Promise.all([drained(process.stdout), drained(process.stderr)]);
  // Node would take its heap to pieces first: 4 % of twenty commands at once.
  process.exit(exitCode);
});
