declare module 'virtual:catalogue/*' {
  const catalogue: Readonly<Record<string, string>>;
  export default catalogue;
}
