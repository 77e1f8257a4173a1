// A file of its own in what is built, so that only who reads YAML parses it. Of a CommonJS package that is imported late
// there would be no names.
export { parse } from 'yaml';
