// The page's address behind the `#`: it never leaves the browser, and any web server serves it.
import type { AddressPort } from '../../models/ports.ts';

export const createAddress = (): AddressPort => ({
  read: () => location.hash.replace(/^#\/?/, ''),
  write(name) {
    history.pushState(null, '', name === '' ? location.pathname + location.search : `#/${name}`);
  },
  watch(changed) {
    window.addEventListener('popstate', changed);
  },
});
