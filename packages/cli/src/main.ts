/** The entry point of `ocap`: the process around one run of the command line. */
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

// Not awaited: what is built of this is CommonJS, which Node loads sooner.
void run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  catchInterrupt,
}).then((exitCode) => {
  process.exitCode = exitCode;
});
