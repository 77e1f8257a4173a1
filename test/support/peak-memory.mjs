// Loaded before a program (`node --import`): tells on file descriptor 3 how much memory it took at most, in bytes.
import { writeSync } from 'node:fs';

process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS * 1024)));
