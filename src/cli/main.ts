// A stand-in until the commands are here.
if (process.argv[2] === 'version') console.log('0.1.0');
