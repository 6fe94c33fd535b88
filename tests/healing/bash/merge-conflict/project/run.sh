#!/bin/bash
<<<<<<< HEAD
echo a
=======
echo b
>>>>>>> main
