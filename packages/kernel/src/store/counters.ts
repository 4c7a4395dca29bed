/** What the kernel numbers: each id is given out once. */
export type Counter =
  | 'object'
  | 'promise'
  | 'vat'
  | 'subcluster'
  | 'cap'
  | 'wakeup'
  | 'event'
  | 'url'
  | 'access'
  | 'remote';
