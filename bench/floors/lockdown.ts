/** The lockdown of a vat host, with the stock hardener. Imported before everything else. */
import 'ses';
import '@endo/eventual-send/shim.js';

lockdown({
  errorTaming: 'safe',
  overrideTaming: 'severe',
  domainTaming: 'unsafe',
  consoleTaming: 'unsafe',
  errorTrapping: 'none',
  unhandledRejectionTrapping: 'none',
  reporting: 'none',
});
