// The shared library is made of the module of this folder; CMake wants a target to have a source of its own.
