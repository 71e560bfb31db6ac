// One node of the demo: a node like any other, that stops when the script that started it is gone, however it went.

process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
await import('#server/main.ts')
