/**
 * The value at `key`, made when it is first asked for. The way to have one kind
 * handle or one store over all restarts of a vat.
 */
export const provide = (store, key, make) => {
  if (!store.has(key)) store.init(key, make());
  return store.get(key);
};
