<<<<<<< HEAD
variable "a" {}
=======
variable "b" {}
>>>>>>> dev
