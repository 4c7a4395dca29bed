/**
 * SES lockdown of a vat host. Errors are tamed: a vat sees no stack and so no
 * path of this machine. Imported before everything else.
 */
import '../hardener/install.ts';
import 'ses';
import '@endo/eventual-send/shim.js';

lockdown({
  errorTaming: 'safe',
  overrideTaming: 'severe',
  domainTaming: 'unsafe', // the host loads no code that uses domains
  consoleTaming: 'unsafe', // vats get a console of their own
  errorTrapping: 'none', // main.ts sees to both
  unhandledRejectionTrapping: 'none',
  reporting: 'none',
});
