console.log("a page for the tests of lib/http, long enough to be compressed compressed compressed");
