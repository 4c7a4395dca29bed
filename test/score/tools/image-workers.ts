/** Two processes that look at images of a disk, and the folders of these images. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ImageOrder, ImageReport } from './image-reports.ts';
import type { Image } from './power-cut.ts';

const WORKERS = 2;
/** Images that wait for a process. */
const AHEAD = 2;

export type ImageWorkers = Readonly<{
  /** Resolves when there is room for another; `onProblems` is told later. */
  look(
    files: Image,
    order: Omit<ImageOrder, 'folder'>,
    onProblems: (problems: readonly string[]) => void,
  ): Promise<void>;
  /** When all that they were given has been looked at. */
  close(): Promise<void>;
}>;

const program = fileURLToPath(new URL('./image-worker.ts', import.meta.url));

export const openImageWorkers = (): ImageWorkers => {
  // In memory where there is such a folder: nothing of it need be durable.
  const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const root = mkdtempSync(join(base, 'images-'));
  const workers = Array.from({ length: WORKERS }, openWorker);
  return {
    look: async (files, order, onProblems) => {
      const worker = workers[order.number % WORKERS] as Worker;
      await worker.room();
      const folder = join(root, String(order.number));
      mkdirSync(folder, { mode: 0o700 });
      for (const [name, content] of files) {
        writeFileSync(join(folder, name), content);
      }
      worker.send({ ...order, folder }, (problems) => {
        rmSync(folder, { recursive: true, force: true });
        onProblems(problems);
      });
    },
    close: async () => {
      await Promise.all(workers.map(async (worker) => worker.close()));
      rmSync(root, { recursive: true, force: true });
    },
  };
};

type Worker = ReturnType<typeof openWorker>;

const openWorker = () => {
  const child = spawn(process.execPath, [program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const waiting = new Map<number, (problems: readonly string[]) => void>();
  const onReport = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { number, problems } = JSON.parse(line) as ImageReport;
    waiting.get(number)?.(problems);
    waiting.delete(number);
    onReport.forEach((told) => told());
  });
  // Whoever waits for a process that has died need not wait longer.
  void ended.then(() => onReport.forEach((told) => told()));
  const next = async (): Promise<void> =>
    new Promise((resolve) => {
      const told = (): void => {
        onReport.delete(told);
        resolve();
      };
      onReport.add(told);
    });
  const insistAlive = (): void => {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw Error('a process that looks at images has died');
    }
  };
  return {
    room: async (): Promise<void> => {
      insistAlive();
      while (waiting.size >= AHEAD) {
        await next();
        insistAlive();
      }
    },
    send: (
      order: ImageOrder,
      onProblems: (problems: readonly string[]) => void,
    ): void => {
      waiting.set(order.number, onProblems);
      child.stdin.write(`${JSON.stringify(order)}\n`);
    },
    close: async (): Promise<void> => {
      child.stdin.end();
      await ended;
      if (waiting.size > 0) throw Error('not all images were looked at');
    },
  };
};
