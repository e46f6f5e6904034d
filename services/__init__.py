"""The two services of Xieshou: catalog knows who makes and needs what, matching decides who fits whom."""
