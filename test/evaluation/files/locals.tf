# What templatestring() is given in the tables: it takes only what has a name.
locals {
  greeting = "Hello, $${name}!"
  only     = "$${value}"
  plain    = "no template"
  empty    = ""
  loop     = "%%{ for one in list }<$${one}>%%{ endfor }"
  reads    = "$${file(\"hello.txt\")}"
  hashes   = "$${filesha1(\"hello.txt\")}"
  exists   = "$${fileexists(\"hello.txt\")} $${abspath(\"/a/..\")}"
  nested   = "$${templatestring(\"x\", {})}"
  missing  = "$${missing}"
  broken   = "$${name"
  number   = 5
  nothing  = null
  list     = ["Hi $${name}", "Bye $${name}"]
  map      = { a = "A $${name}", "b c" = "B $${name}" }
  key      = "b c"
}
