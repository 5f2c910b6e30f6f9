// Players of others, fetched when they are chosen: the page is light until then.

const loading = new Map();

export function script(address) {
  if (!loading.has(address)) {
    loading.set(address, new Promise((resolve, reject) => {
      const element = document.createElement('script');
      element.src = address;
      element.onload = resolve;
      element.onerror = () => {
        loading.delete(address);
        element.remove();
        reject(new Error(address));
      };
      document.head.append(element);
    }));
  }
  return loading.get(address);
}
