// Loaded before a program (`node --import`): tells on file descriptor 3 how much memory it took at most, in bytes.
import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

// Threads load it, too; the figure is that of the whole process.
if (isMainThread) process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS * 1024)));
