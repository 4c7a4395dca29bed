/**
 * SES lockdown of the daemon. To be imported before anything that hardens
 * objects or sends messages, and after nothing that matters.
 */
import 'ses';
import '@endo/eventual-send/shim.js';

lockdown({
  errorTaming: 'safe',
  // The log is the daemon's own; the console only carries what goes wrong before it.
  consoleTaming: 'unsafe',
  overrideTaming: 'severe',
  domainTaming: 'unsafe',
  // The daemon evaluates no code of others. What its libraries make with `Function`
  // would go through SES's evaluator, which looks at every global of Node and so
  // loads what these stand for: a third of the daemon's start.
  evalTaming: 'unsafe-eval',
  stackFiltering: 'verbose',
  // run-daemon.ts sees to both, because the pid file must go and the log must know.
  errorTrapping: 'none',
  unhandledRejectionTrapping: 'none',
});
