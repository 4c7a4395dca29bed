/**
 * Entry point: a SwingSet with a caller and a counter, its store on disk in the
 * folder of the first argument. The second says after how many cranks it
 * commits at the latest; it does when it has nothing left to do. The third is a
 * file in which bundles are kept from one process to the next.
 */
import '@endo/init/pre-bundle-source.js';
import '@endo/init';
import { initSwingStore } from '@agoric/swing-store';
import {
  buildKernelBundles,
  initializeSwingset,
  makeSwingsetController,
} from '@agoric/swingset-vat';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { doWork } from '../do-work.js';

const IN_FLIGHT = 100;
/** Its default of 1 makes it 20 to 80 times slower. */
const REAP_INTERVAL = 1000;

const [, , folder, cranks, bundlesPath] = process.argv;
const cranksPerCommit = Number(cranks);

const vat = (name) => ({
  sourceSpec: fileURLToPath(new URL(`vats/${name}.js`, import.meta.url)),
});

/** Its own code, which it bundles in seconds: once for all rows. */
const provideKernelBundles = async () => {
  if (!existsSync(bundlesPath)) {
    writeFileSync(bundlesPath, JSON.stringify(await buildKernelBundles()));
  }
  return JSON.parse(readFileSync(bundlesPath, 'utf8'));
};

const start = async () => {
  const { kernelStorage, hostStorage } = initSwingStore(folder);
  const config = {
    bootstrap: 'caller',
    defaultManagerType: 'local',
    defaultReapInterval: REAP_INTERVAL,
    vats: { caller: vat('caller'), counter: vat('counter') },
  };
  const kernelBundles = await provideKernelBundles();
  await initializeSwingset(config, [], kernelStorage, { kernelBundles });
  const controller = await makeSwingsetController(
    kernelStorage,
    {},
    { kernelBundle: kernelBundles.kernel },
  );
  controller.pinVatRoot('caller');
  controller.pinVatRoot('counter');
  return { controller, hostStorage };
};

const { controller, hostStorage } = await start();

/** So many cranks, or fewer if there is nothing left to do. */
const makePolicy = () => {
  let left = cranksPerCommit;
  const goesOn = () => (left -= 1) > 0;
  return harden({
    allowCleanup: () => true,
    vatCreated: goesOn,
    crankComplete: goesOn,
    crankFailed: goesOn,
    emptyCrank: () => true,
  });
};

/** Answers how many cranks it has run. */
const runAndCommit = async () => {
  const ran = await controller.run(makePolicy());
  await hostStorage.commit();
  return ran;
};

/** Whether it has an answer by now, which is then taken away. */
const takeAnswer = (promise) => {
  const status = controller.kpStatus(promise);
  if (status === 'unresolved') return false;
  const { body } = controller.kpResolution(promise);
  if (status !== 'fulfilled')
    throw Error(`SwingSet answers ${status}: ${body}`);
  return true;
};

const call = async (method, times) => {
  const answer = controller.queueToVatRoot('caller', method, [times]);
  while (!takeAnswer(answer)) {
    if ((await runAndCommit()) === 0) throw Error('SwingSet never answers');
  }
};

/** An answer counts when it is committed; then the next call is made. */
const callCounter = async (times) => {
  const waiting = [];
  for (let left = times; left > 0 || waiting.length > 0;) {
    for (; left > 0 && waiting.length < IN_FLIGHT; left -= 1) {
      waiting.push(controller.queueToVatRoot('counter', 'increment'));
    }
    await runAndCommit();
    // Answered in the order in which they were made.
    while (waiting.length > 0 && takeAnswer(waiting[0])) waiting.shift();
  }
};

// The bootstrap, and whatever else a SwingSet begins with.
while ((await runAndCommit()) > 0);

doWork(async ({ work, times }) => {
  const begun = performance.now();
  await (work === 'calls' ? callCounter(times) : call(work, times));
  return (times / (performance.now() - begun)) * 1000;
});
