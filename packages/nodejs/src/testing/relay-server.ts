/** A bare relay on loopback for a test, stopped after it. */
import { onTestFinished } from 'vitest';
import { openRelay, type RelayOptions, type TestRelay } from './open-relay.ts';

export const startTestRelay = async (
  options?: RelayOptions,
): Promise<TestRelay> => {
  const relay = await openRelay(options);
  onTestFinished(relay.stop);
  return relay;
};
