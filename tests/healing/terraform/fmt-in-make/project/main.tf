variable   "region" {
default="x"
}
